-- What a key may send.
alter table api_key add column rate_per_second bigint;
alter table api_key add column burst bigint;

-- Turns: inside a lane tenants are served one after the other. What has to wait for an earlier one of its
-- ordering key is behind it.
alter table ready add column behind bigint not null default 0;
alter table ready add column line text collate "C";
drop index ready_by_account;
create index ready_by_turn on ready (lane, account, behind, env, tenant, due, seq);
create index ready_by_line on ready (env, line, seq) where line is not null;

alter table task add column behind bigint not null default 0;
alter table task add column ordering_key text collate "C";
alter table task add column ordering_no bigint;
drop index task_by_lane;
create index task_by_turn on task (lane, state, behind, env, tenant, due, task);
create index task_by_order on task (env, ordering_key, ordering_no)
    where ordering_key is not null and state not in (2, 3);

-- The last number given to an event of an ordering key.
create table ordering (
    env bigint not null,
    ordering_key text collate "C" not null,
    last bigint not null,
    at bigint not null,
    primary key (env, ordering_key)
) with (fillfactor = 50);
create index ordering_by_at on ordering (at);
