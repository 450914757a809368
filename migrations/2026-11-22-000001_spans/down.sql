DROP TABLE token_usage;
DROP TABLE span_contents;
DROP TABLE span_logs;
DROP TABLE open_spans;
DROP TABLE spans;
