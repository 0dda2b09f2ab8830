-- Provider ids stand apart from deliveries.
select 1;
