#![allow(clippy::unwrap_used)]
use super::*;

fn now() -> Time {
    Time::parse("2026-11-22T09:15:00Z").unwrap()
}

fn mail(text: &str) -> Mail {
    Mail::read(text.as_bytes()).unwrap()
}

#[test]
fn a_plain_mail_is_read() {
    let mail = mail(
        "From: Ada <Ada@Acme.example>\r\nSubject: Re: Fwd:  it\r\n fails\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\
         Message-ID: <1@acme.example>\r\nIn-Reply-To: <0@desk.example>\r\nReferences: <a@x> <b@x>\r\n\r\nHello\r\n\r\nbye\r\n",
    );
    assert_eq!((mail.subject.as_str(), mail.from.as_str()), ("it fails", "Ada@Acme.example"));
    assert_eq!((mail.text.as_str(), mail.message_id.as_str()), ("Hello\n\nbye", "1@acme.example"));
    assert_eq!(mail.references, ["0@desk.example", "b@x", "a@x"]);
    assert_eq!(mail.words(now()).at.unwrap().to_string(), "2026-11-20T09:00:00Z");
}

#[test]
fn a_date_ahead_counts_as_now() {
    let mail = mail("From: a@b.example\nDate: Fri, 20 Nov 2099 10:00:00 +0100\n\nx\n");
    assert_eq!(mail.words(now()).at, Some(now()));
}

#[test]
fn html_alone_is_reduced_to_text() {
    let mail =
        mail("From: a@b.example\nContent-Type: text/html\n\n<p>One <b>two</b></p><script>bad()</script><p>three</p>\n");
    assert!(mail.text.contains("One two") && mail.text.contains("three"), "{}", mail.text);
    assert!(!mail.text.contains('<') && !mail.text.contains("bad"), "{}", mail.text);
}

#[test]
fn real_mails_are_read() {
    let related = Mail::read(include_bytes!("../../../tests/data/mail/related.eml")).unwrap();
    let names: Vec<&str> = related.attachments.iter().map(|a| a.file.as_str()).collect();
    assert_eq!(names, ["image.jpg", "2-image.jpg"]);
    assert!(related.text.starts_with("[cid:3302530593_302033]"), "{}", related.text);
    let image = Mail::read(include_bytes!("../../../tests/data/mail/image-first.eml")).unwrap();
    assert!(image.text.contains("Die Hasen und die Froesche"), "{}", image.text);
    assert_eq!(image.attachments[0].file, "greenball.png");
    let latin = Mail::read(include_bytes!("../../../tests/data/mail/base64-latin1.eml")).unwrap();
    assert!(latin.text.starts_with("Die Hasen und die Frösche\n"), "{}", latin.text);
    assert_eq!(Mail::read(include_bytes!("../../../tests/data/mail/damaged.eml")), Err(MailError::NoMail));
}

#[test]
fn mails_are_read_in_their_encodings() {
    let read = |charset: &str, subject: &str, body: &str| {
        let head = format!(
            "From: a@b.example\nSubject: =?{charset}?B?{subject}?=\nContent-Type: text/plain; charset={charset}\n"
        );
        let mail = mail(&format!("{head}Content-Transfer-Encoding: base64\n\n{body}\n"));
        (mail.subject, mail.text.trim_end().to_owned())
    };
    for (charset, text, both) in [
        ("GB2312", "你好，世界", "xOO6w6OsysC95w=="),
        ("KOI8-R", "Привет", "8NLJ18XU"),
        ("Shift_JIS", "価格", "ib+KaQ=="),
        ("EUC-KR", "가격", "sKGw3Q=="),
    ] {
        assert_eq!(read(charset, both, both), (text.to_owned(), text.to_owned()), "{charset}");
    }
    // Signs are changed within the text, and back.
    assert_eq!(read("ISO-2022-JP", "GyRCMkEzShsoQg==", "GyRCMkEzShsoQg==").0, "価格");
}

#[test]
fn names_from_outside_become_plain() {
    let part = |name: &str| {
        format!("--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=\"{name}\"\n\nx\n")
    };
    let long = "3-".repeat(80);
    let all: String =
        ["../../etc/passwd", "C:\\\\dir\\\\a b.png", "A-B.png", ".toml", &long, &long, &long].map(part).concat();
    let mail = mail(&format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{all}--b--\n"));
    let names: Vec<&str> = mail.attachments.iter().map(|a| a.file.as_str()).collect();
    assert_eq!(&names[..4], ["passwd", "a-b.png", "2-A-B.png", "file-toml"]);
    assert!(names.iter().all(|name| crate::store::layout::is_plain_file_name(name)), "{names:?}");
    assert_eq!(names.len(), 7);
}

#[test]
fn hostile_mails_are_refused() {
    assert_eq!(Mail::read(&vec![b'a'; LARGEST + 1]), Err(MailError::Large));
    let many = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(300));
    assert_eq!(Mail::read(many.as_bytes()), Err(MailError::Parts));
    let mut deep = "From: a@b.example\n".to_owned();
    for level in 0..40 {
        deep.push_str(&format!("Content-Type: multipart/mixed; boundary=b{level}x\n\n--b{level}x\n"));
    }
    assert_eq!(Mail::read(deep.as_bytes()), Err(MailError::Deep));
    let inside = format!("From: a@b.example\n{}\nx", "Content-Type: message/rfc822\n\nFrom: a@b.example\n".repeat(100));
    assert_eq!(Mail::read(inside.as_bytes()), Err(MailError::Deep));
    assert_eq!(Mail::read(b"just words"), Err(MailError::NoMail));
}
