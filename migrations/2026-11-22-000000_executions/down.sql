DROP TABLE execution_payloads;
DROP TABLE execution_rollups;
DROP TABLE execution_keys;
DROP TABLE executions;
DROP TABLE workflow_versions;
DROP TABLE workflows;
