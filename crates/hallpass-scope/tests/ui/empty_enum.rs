use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {}

fn main() {}
