//! Which RSA public keys are refused before anything is verified with them.

use crate::Weakness;

const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Checks a modulus and an exponent, both big-endian without leading zeros.
pub(crate) fn check(n: &[u8], e: &[u8]) -> Result<(), Weakness> {
    let bits = n
        .first()
        .map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
    if bits < *BITS.start() {
        return Err(Weakness::TooShort);
    }
    if bits > *BITS.end() {
        return Err(Weakness::TooLong);
    }
    if !is_good_exponent(e) {
        return Err(Weakness::Exponent);
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(Weakness::Even);
    }
    match has_roca_fingerprint(n) {
        true => Err(Weakness::Roca),
        false => Ok(()),
    }
}

/// Odd, above 2^16 (FIPS 186-5 §5.4) and short enough that a verification is quick: 33 bits, as the library has it.
fn is_good_exponent(e: &[u8]) -> bool {
    if e.len() > 5 {
        return false;
    }
    let value = e
        .iter()
        .fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    value % 2 == 1 && value > 1 << 16 && value < 1 << 33
}

/// The primes of the library that made weak keys are powers of 65537 modulo each of these, so their product is as well. Of other
/// moduli about one in 2^28 is.
fn has_roca_fingerprint(n: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ];
    PRIMES
        .into_iter()
        .all(|prime| is_power_of_65537(remainder(n, prime), prime))
}

fn remainder(n: &[u8], prime: u32) -> u32 {
    n.iter()
        .fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime)
}

fn is_power_of_65537(value: u32, prime: u32) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == value {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modulus(bits: usize) -> Vec<u8> {
        let mut n = vec![0xb5; bits / 8];
        n[bits / 16] = 0x3c;
        n
    }

    #[test]
    fn a_modulus_is_of_2048_to_8192_bits_and_odd() {
        const E: &[u8] = &[1, 0, 1];
        for good in [2048, 3072, 8192] {
            assert_eq!(check(&modulus(good), E), Ok(()));
        }
        let mut short = modulus(2048);
        short[0] = 0x7f;
        assert_eq!(check(&short, E), Err(Weakness::TooShort));
        assert_eq!(check(&modulus(1024), E), Err(Weakness::TooShort));
        assert_eq!(check(&[], E), Err(Weakness::TooShort));
        assert_eq!(check(&modulus(8200), E), Err(Weakness::TooLong));
        let mut even = modulus(2048);
        *even.last_mut().unwrap() = 0xb4;
        assert_eq!(check(&even, E), Err(Weakness::Even));
    }

    #[test]
    fn an_exponent_is_odd_and_above_two_to_the_sixteenth() {
        let n = modulus(2048);
        for good in [&[1, 0, 1][..], &[1, 0, 3], &[1, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(check(&n, good), Ok(()), "{good:?}");
        }
        for bad in [
            &[][..],
            &[1],
            &[3],
            &[17],
            &[0xff, 0xff],
            &[1, 0, 0],
            &[1, 0, 2],
            &[2, 0, 0, 0, 1],
            &[1, 0, 0, 0, 0, 1],
        ] {
            assert_eq!(check(&n, bad), Err(Weakness::Exponent), "{bad:?}");
        }
    }

    #[test]
    fn a_modulus_with_the_fingerprint_of_roca_is_refused() {
        // 65537 to the 129th power is a power of 65537 modulo anything, and has 2065 bits.
        let mut n = vec![1_u8];
        for _ in 0..129 {
            n = times_65537(&n);
        }
        assert_eq!(check(&n, &[1, 0, 1]), Err(Weakness::Roca));
        // And twice as much is not one modulo 11, say.
        assert_eq!(check(&modulus(2048), &[1, 0, 1]), Ok(()));
    }

    fn times_65537(n: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut carry = 0_u64;
        let mut digits = n.iter().rev();
        loop {
            let digit = digits.next();
            if digit.is_none() && carry == 0 {
                break;
            }
            let sum = u64::from(digit.copied().unwrap_or(0)) * 65537 + carry;
            out.push((sum & 0xff) as u8);
            carry = sum >> 8;
        }
        out.reverse();
        out
    }
}
