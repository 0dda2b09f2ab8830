-- What changes in an inbox, in an order that a live stream can go on from.

-- `change` is the number of the item's last change, taken from the counter that numbers items (null: it never changed, so
-- its seq does). `snoozed_until` hides it until then. `chosen` is the action that was chosen, first is 0.
alter table item add column change integer;
alter table item add column snoozed_until integer;
alter table item add column interacted_at integer;
alter table item add column chosen integer;
create index item_by_change on item (env, user, tenant, change) where change is not null;
create index item_by_snooze on item (snoozed_until) where snoozed_until is not null;

-- Tickets for a stream that were used, until they would have ended by themselves.
create table used_ticket (
    env integer not null,
    user integer not null,
    ticket text not null,
    until integer not null,
    primary key (env, ticket)
) strict, without rowid;
create index used_ticket_by_end on used_ticket (until);
