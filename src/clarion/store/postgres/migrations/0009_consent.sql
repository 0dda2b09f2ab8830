-- Consents and suppressions.
select 1;
