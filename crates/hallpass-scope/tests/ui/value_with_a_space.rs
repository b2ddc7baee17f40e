use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read:pets write:pets")]
    All,
}

fn main() {}
