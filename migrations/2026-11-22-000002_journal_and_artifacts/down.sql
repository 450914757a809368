DROP TABLE artifacts;
DROP TABLE node_results;
