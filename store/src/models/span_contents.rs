//! Large values of spans, stored once per execution under the hash of their text.
