use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read:pets")]
    Read,
    Write,
    #[scope(name = "DELETEPETS")]
    Delete,
}

fn main() {}
