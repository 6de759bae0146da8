-- Would the server write statements with their parameters, and so derived keys, into its log?
select
  current_setting('log_statement') as statement,
  current_setting('log_min_duration_statement')::int as "minDuration",
  current_setting('log_min_duration_sample')::int as "minSample",
  current_setting('log_parameter_max_length')::int as "maxLength",
  coalesce(nullif(current_setting('pgaudit.log_parameter', true), ''), 'off') as "audit"
