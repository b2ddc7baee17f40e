use hallpass_scope::Scope;

#[derive(Clone, Copy, Scope)]
enum Pets {
    #[scope("read\"pets")]
    Quote,
    #[scope("read\\pets")]
    Backslash,
    #[scope("read:chats\n")]
    Newline,
    #[scope("read:bébés")]
    Accent,
}

fn main() {}
