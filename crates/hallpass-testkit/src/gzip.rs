//! An answer that is small on the wire and large in memory.

use flate2::{Compress, Compression, Crc, FlushCompress};

use crate::Response;

const MEBIBYTE: usize = 1 << 20;
/// RFC 1952 §2.3: magic number, deflate, no flags, no time, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The response, compressed. If it is a JSON object it gets a first member of that many MiB and stays good, so that a
/// client without a limit reads it to the end.
pub(crate) fn bomb(response: Response, mebibytes: usize) -> Response {
    let (before, after): (Vec<u8>, Vec<u8>) = match response.body.strip_prefix(b"{\"") {
        Some(rest) => (b"{\"padding\":\"".to_vec(), [b"\",\"", rest].concat()),
        None => (response.body.clone(), Vec::new()),
    };
    // Blocks that end in a full flush do not refer to each other, so that one can be repeated.
    let padding = vec![b' '; MEBIBYTE];
    let block = deflate(&padding, FlushCompress::Full);
    let mut body = HEADER.to_vec();
    body.extend(deflate(&before, FlushCompress::Full));
    body.extend(block.repeat(mebibytes));
    body.extend(deflate(&after, FlushCompress::Finish));

    let (mut crc, mut of_block, mut of_end) = (Crc::new(), Crc::new(), Crc::new());
    crc.update(&before);
    of_block.update(&padding);
    of_end.update(&after);
    (0..mebibytes).for_each(|_| crc.combine(&of_block));
    crc.combine(&of_end);
    body.extend(crc.sum().to_le_bytes());
    body.extend(crc.amount().to_le_bytes());
    response.header("Content-Encoding", "gzip").with_body(body)
}

fn deflate(text: &[u8], flush: FlushCompress) -> Vec<u8> {
    // Compressed never gets longer than this, so that one call is enough.
    let mut compressed = Vec::with_capacity(text.len() + text.len() / 1000 + 64);
    let mut state = Compress::new(Compression::best(), false);
    // The only errors are those of a stream that was misused.
    let _ = state.compress_vec(text, &mut compressed, flush);
    compressed
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_bomb_is_a_good_answer_to_whoever_has_the_memory() {
        let bomb = bomb(Response::json(200, r#"{"access_token":"x"}"#), 3);
        assert!(bomb.body.len() < 16 * 1024, "{} bytes", bomb.body.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(bomb.body.as_slice())
            .read_to_string(&mut text)
            .unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["access_token"], "x");
        assert_eq!(read["padding"].as_str().unwrap().len(), 3 * MEBIBYTE);
    }
}
