//! Parses HTML as browsers do (html5ever), for tests that look at elements and at parse errors.

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::TokenizerOpts;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

/// An element of a document.
#[derive(Clone, Debug)]
pub struct Element {
    name: String,
    pub attributes: Vec<(String, String)>,
    /// The text in the element and its descendants.
    pub text: String,
    parent: usize,
}

impl Element {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A parsed document. Its first element is the document itself, without a name.
pub struct Document {
    pub elements: Vec<Element>,
    pub errors: Vec<String>,
}

impl Document {
    pub fn parse(html: &str) -> Document {
        let opts = ParseOpts {
            tokenizer: TokenizerOpts { exact_errors: true, ..TokenizerOpts::default() },
            ..ParseOpts::default()
        };
        let sink = Sink::default();
        sink.create("".into(), Vec::new());
        parse_document(sink, opts).one(html)
    }

    /// The elements with a name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.name() == name)
    }

    pub fn with_id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.attribute("id") == Some(id))
    }

    /// Whether an element is in another with this name.
    pub fn is_in(&self, element: &Element, name: &str) -> bool {
        let mut current = element;
        while current.parent > 0 {
            current = &self.elements[current.parent];
            if current.name() == name {
                return true;
            }
        }
        false
    }
}

#[derive(Default)]
struct Sink {
    elements: RefCell<Vec<Element>>,
    /// The names of the elements, for the parser. They are leaked, since it keeps references.
    names: RefCell<Vec<&'static QualName>>,
    errors: RefCell<Vec<String>>,
}

impl Sink {
    fn create(&self, local: String, attributes: Vec<(String, String)>) -> usize {
        let mut elements = self.elements.borrow_mut();
        let name = QualName::new(None, html5ever::ns!(html), local.as_str().into());
        self.names.borrow_mut().push(Box::leak(Box::new(name)));
        elements.push(Element { name: local, attributes, text: String::new(), parent: 0 });
        elements.len() - 1
    }
}

impl TreeSink for Sink {
    type Handle = usize;
    type Output = Document;
    type ElemName<'a> = &'static QualName;

    fn finish(self) -> Document {
        Document { elements: self.elements.into_inner(), errors: self.errors.into_inner() }
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.errors.borrow_mut().push(message.into_owned());
    }

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name(&self, target: &usize) -> &'static QualName {
        self.names.borrow()[*target]
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> usize {
        let attributes = attributes.into_iter();
        let attributes = attributes.map(|attribute| (attribute.name.local.to_string(), attribute.value.to_string()));
        self.create(name.local.to_string(), attributes.collect())
    }

    fn create_comment(&self, _: StrTendril) -> usize {
        self.create("#comment".to_string(), Vec::new())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> usize {
        self.create("#instruction".to_string(), Vec::new())
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        let mut elements = self.elements.borrow_mut();
        match child {
            NodeOrText::AppendNode(child) => elements[child].parent = *parent,
            NodeOrText::AppendText(text) => {
                let mut current = *parent;
                while current > 0 {
                    elements[current].text.push_str(&text);
                    current = elements[current].parent;
                }
            }
        }
    }

    fn append_based_on_parent_node(&self, element: &usize, _: &usize, child: NodeOrText<usize>) {
        self.append(element, child);
    }

    fn append_before_sibling(&self, _: &usize, _: NodeOrText<usize>) {
        self.errors.borrow_mut().push("an element is moved".to_string());
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        if mode != QuirksMode::NoQuirks {
            self.errors.borrow_mut().push("quirks mode".to_string());
        }
    }

    fn add_attrs_if_missing(&self, _: &usize, _: Vec<Attribute>) {
        self.errors.borrow_mut().push("a second html or body element".to_string());
    }

    fn remove_from_parent(&self, _: &usize) {
        self.errors.borrow_mut().push("an element is moved".to_string());
    }

    fn reparent_children(&self, _: &usize, _: &usize) {
        self.errors.borrow_mut().push("an element is moved".to_string());
    }
}
