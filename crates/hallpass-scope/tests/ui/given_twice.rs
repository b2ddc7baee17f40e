use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("a", "b")]
    Value,
    #[scope("c")]
    #[scope("d")]
    Attribute,
    #[scope("e", name = "E", name = "F")]
    Name,
}

fn main() {}
