use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope]
    Bare,
    #[scope = "equals"]
    Equals,
    #[scope(unquoted)]
    Unquoted,
    #[scope(7)]
    Number,
    #[scope("a", name = 7)]
    NumberedName,
}

fn main() {}
