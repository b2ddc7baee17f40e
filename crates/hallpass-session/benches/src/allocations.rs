//! `session-allocations`: how many allocations one call makes.

fn main() {
    for (name, call) in subjects::all() {
        // The first one may fill what is filled once.
        call();
        println!("{name} {}", allocation_counter::measure(call).count_total);
    }
}
