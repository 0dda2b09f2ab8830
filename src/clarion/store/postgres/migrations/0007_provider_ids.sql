-- Provider ids stand apart from deliveries, and what makes a row of the queue a suspect in a column that hardly
-- ever changes: a claim and its outcome then change their rows where they lie and no index.
create table provider_reference (
    env bigint not null,
    provider_id text collate "C" not null,
    event bytea not null,
    workflow bigint not null,
    "user" bigint not null,
    step bigint not null,
    channel bigint not null,
    destination bigint not null
) partition by range (event);

do $$
declare
    part record;
begin
    for part in
        select substring(c.relname from '\d+$') as day, pg_get_expr(c.relpartbound, c.oid) as bound
        from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'delivery'::regclass
    loop
        execute format('create table provider_reference_%s partition of provider_reference %s', part.day, part.bound);
        execute format('alter table delivery_%s set (fillfactor = 45)', part.day);
    end loop;
end
$$;
insert into provider_reference
select env, provider_id, event, workflow, "user", step, channel, destination
from delivery
where provider_id is not null;
create index provider_reference_by_id on provider_reference (env, provider_id);
drop index delivery_by_provider;

-- A suspect was in flight at a death before this claim.
alter table ready add column suspect bigint not null default 0;
update ready set suspect = 1 where crashes > 1;
drop index ready_suspect;
create index ready_by_suspect on ready (seq) where suspect = 1;
