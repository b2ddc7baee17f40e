use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read:pets", name = "pets")]
    Read,
    #[scope("write:pets", name = "Pets")]
    Write,
    #[scope("pets")]
    Pets,
}

fn main() {}
