use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
struct Read;

#[derive(Clone, Copy, Scope)]
union Either {
    read: u8,
    write: u8,
}

fn main() {}
