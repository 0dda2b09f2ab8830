-- What a key may send.
alter table api_key add column rate_per_second integer;
alter table api_key add column burst integer;

-- Turns: inside a lane tenants are served one after the other. What has to wait for an earlier one of its
-- ordering key is behind it.
alter table ready add column behind integer not null default 0;
alter table ready add column line text;
drop index ready_by_account;
create index ready_by_turn on ready (lane, account, state, behind, env, tenant, due);
create index ready_by_line on ready (env, line, seq) where line is not null;

alter table task add column behind integer not null default 0;
alter table task add column ordering_key text;
alter table task add column ordering_no integer;
drop index task_by_lane;
create index task_by_turn on task (lane, state, behind, env, tenant, due);
create index task_by_order on task (env, ordering_key, ordering_no)
    where ordering_key is not null and state not in (2, 3);

-- The last number given to an event of an ordering key.
create table ordering (
    env integer not null,
    ordering_key text not null,
    last integer not null,
    at integer not null,
    primary key (env, ordering_key)
) strict, without rowid;
create index ordering_by_at on ordering (at);
