use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read:pets")]
    Read(u8),
    #[scope("write:pets")]
    Write { all: bool },
}

fn main() {}
