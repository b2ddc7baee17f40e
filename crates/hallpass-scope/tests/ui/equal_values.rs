use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read:pets")]
    Read,
    #[scope("read:pets")]
    Write,
}

fn main() {}
