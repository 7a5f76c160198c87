# tries: to claim a schema version that aborts the whole batch
# trick: grading_field schema_version 99
