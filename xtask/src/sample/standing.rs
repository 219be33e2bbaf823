//! Who and what a sample desk has besides tickets: all of it made in its first commit and never changed.

use staple::record::slug::Slug;
use staple::record::time::Time;
use staple::record::{Kind, Name, Record, Value};
use staple::store::layout;

use super::chance::Chance;
use super::words::{About, Words, capital};

/// Whole topics, so that a filter by one means the same in every size.
const TOPICS: &[&str] = &[
    "billing",
    "sign-in",
    "invitations",
    "shifts",
    "calendar",
    "notifications",
    "time-sheets",
    "payroll",
    "exports",
    "imports",
    "reports",
    "mobile-app",
    "printing",
    "languages",
    "holidays",
    "rights",
    "devices",
    "api",
    "contracts",
    "prices",
    "deletion",
    "training",
    "outages",
    "wishes",
];
const CHANNELS: &[(&str, &str)] =
    &[("email", "mail"), ("phone", "phone"), ("chat", "chat"), ("form", "form"), ("forum", "forum")];
const FIRST: &[&str] = &[
    "Sam", "Ada", "Theo", "June", "Noor", "Ivo", "Lena", "Omar", "Pia", "Quin", "Rosa", "Tomas", "Uma", "Viktor",
    "Wen", "Yara", "Zeno", "Bela", "Cato", "Dora", "Egon", "Fay", "Gil", "Hana",
];
pub(super) const PRODUCTS: &[&str] = &["Ledger", "Roster", "Tally"];
pub(super) const ZONE: &str = "Europe/Dublin";

/// A person of the desk's own team.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) email: String,
}

/// A customer.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) slug: String,
    pub(super) name: String,
    /// Name and address of those who write.
    pub(super) contacts: Vec<(String, String)>,
}

/// Everything that stands.
pub(super) struct Standing {
    pub(super) people: Vec<Person>,
    pub(super) customers: Vec<Customer>,
    pub(super) playbooks: Vec<String>,
    /// All records, with their paths.
    pub(super) records: Vec<Record>,
}

impl Standing {
    /// Grows with the desk: a thousand tickets have some forty customers, a hundred thousand four hundred.
    pub(super) fn new(tickets: usize, began: Time, words: &Words, chance: &mut Chance) -> Self {
        let scale = (tickets as f64 / 1_000.0).max(0.1).sqrt();
        let count = |base: f64, most: usize| ((base * scale) as usize).clamp(4, most);
        let mut out =
            Self { people: Vec::new(), customers: Vec::new(), playbooks: Vec::new(), records: vec![settings()] };
        out.teams();
        out.people(count(8.0, FIRST.len()));
        out.ways_and_topics();
        out.customers(count(40.0, 400), began, words, chance);
        out.playbooks(count(40.0, 400), words, chance);
        out
    }

    /// The topic at a place, the first the most frequent.
    pub(super) fn topic(chance: &mut Chance) -> &'static str {
        let place = (chance.share() * chance.share() * TOPICS.len() as f64) as usize;
        TOPICS[place.min(TOPICS.len() - 1)]
    }

    pub(super) fn channel(chance: &mut Chance) -> &'static str {
        let place = (chance.share() * chance.share() * CHANNELS.len() as f64) as usize;
        CHANNELS[place.min(CHANNELS.len() - 1)].0
    }

    fn add(&mut self, kind: Kind, slug: &str, values: Vec<(&str, Value)>) {
        let Some(slug) = Slug::parse(slug) else { return };
        let path = layout::slug_path(kind, &slug);
        let mut record = Record::new(kind, Name::Slug(slug), path);
        values.into_iter().for_each(|(key, value)| record.set(key, value));
        self.records.push(record);
    }

    fn teams(&mut self) {
        self.add(Kind::Team, "support", vec![("name", "Support".into()), ("ours", true.into())]);
        self.add(Kind::Team, "engineering", vec![("name", "Engineering".into())]);
        self.add(Kind::Team, "accounts", vec![("name", "Accounts".into())]);
    }

    fn people(&mut self, count: usize) {
        for name in &FIRST[..count] {
            let slug = name.to_lowercase();
            let person = Person { name: format!("{name} Sample"), email: format!("{slug}@example.com"), slug };
            let values = vec![
                ("name", person.name.as_str().into()),
                ("team", "support".into()),
                ("zone", ZONE.into()),
                ("emails", vec![person.email.clone()].into()),
            ];
            self.add(Kind::Person, &person.slug.clone(), values);
            self.people.push(person);
        }
        let keeper = vec![("title", "Keeper of playbooks".into()), ("holders", vec!["person:sam".to_owned()].into())];
        self.add(Kind::Role, "playbook-keeper", keeper);
    }

    fn ways_and_topics(&mut self) {
        for (slug, kind) in CHANNELS {
            let address = if *slug == "phone" { "+353 1 555 0100".to_owned() } else { format!("{slug}@example.com") };
            self.add(Kind::Channel, slug, vec![("kind", (*kind).into()), ("address", address.into())]);
        }
        for topic in TOPICS {
            let title = capital(&topic.replace('-', " "));
            self.add(Kind::Topic, topic, vec![("title", title.into()), ("demand", "failure".into())]);
        }
    }

    fn customers(&mut self, count: usize, began: Time, words: &Words, chance: &mut Chance) {
        while self.customers.len() < count {
            let slug = words.name(chance).to_owned();
            if self.customers.iter().any(|customer| customer.slug == slug) {
                continue;
            }
            let contacts: Vec<(String, String)> = (0..chance.between(1, 5))
                .map(|_| {
                    let (first, last) = words.person(chance);
                    let address = format!("{}.{}@{slug}.example", first.to_lowercase(), last.to_lowercase());
                    (format!("{first} {last}"), address)
                })
                .collect();
            let name = format!("{} {}", capital(&slug), chance.word(&["Ltd", "GmbH", "Group", "Clinics", "Kitchens"]));
            let mut addresses: Vec<String> = contacts.iter().map(|(_, address)| address.clone()).collect();
            addresses.sort();
            addresses.dedup();
            let about = About { customer: name.clone(), product: PRODUCTS[0].to_owned(), ..About::default() };
            let values = vec![
                ("name", name.as_str().into()),
                ("language", "en".into()),
                ("contacts", addresses.into()),
                ("mail-domains", vec![format!("{slug}.example")].into()),
                ("business", words.text(1, 3, &about, chance).into()),
                ("confirmed", began.day().into()),
                ("relationship-owner", chance.one(&self.people).slug.clone().into()),
            ];
            self.add(Kind::Customer, &slug, values);
            self.customers.push(Customer { slug, name, contacts });
        }
    }

    fn playbooks(&mut self, count: usize, words: &Words, chance: &mut Chance) {
        while self.playbooks.len() < count {
            let slug = format!("{}-{}", Self::topic(chance), words.name(chance));
            if self.playbooks.contains(&slug) {
                continue;
            }
            let about = About { customer: "you".to_owned(), product: PRODUCTS[0].to_owned(), ..About::default() };
            let steps: Vec<String> = (0..chance.between(2, 5)).map(|_| words.text(1, 1, &about, chance)).collect();
            let topic = slug.rsplit_once('-').map_or("billing", |(topic, _)| topic).to_owned();
            let values = vec![
                ("title", words.title(&about, chance).into()),
                ("status", "published".into()),
                ("problem", words.text(1, 3, &about, chance).into()),
                ("topics", vec![topic].into()),
                ("cause", words.text(1, 2, &about, chance).into()),
                ("steps", steps.into()),
                ("answer", words.text(2, 4, &about, chance).into()),
                ("language", "en".into()),
                ("owner-role", "playbook-keeper".into()),
            ];
            self.add(Kind::Playbook, &slug, values);
            self.playbooks.push(slug);
        }
    }
}

fn settings() -> Record {
    Record::new(Kind::Settings, Name::Desk, "staple.toml")
        .with("format", 1)
        .with("name", "Sample desk")
        .with("zone", ZONE)
        .with("language", "en")
        .with("products", PRODUCTS.iter().map(|product| (*product).to_owned()).collect::<Vec<_>>())
}
