-- The application's state as it flows in: of each entity the newest version that is not applied yet. `entity` is
-- the hash of kind, id and user_id; `id` names a topic or a tenant, `user_id` a user ('': none).
-- state 0 waits, 1 is in hand, 2 failed. `since` is the place in the queue, `accepted_at` is of this version.
create table source_state (
    env bigint not null,
    entity bytea not null,
    kind bigint not null,
    id text collate "C" not null,
    user_id text collate "C" not null,
    version bigint not null,
    source_at bigint,
    body text not null,
    since bigint not null,
    accepted_at bigint not null,
    state bigint not null default 0,
    worker bigint not null default 0,
    fence bigint not null default 0,
    crashes bigint not null default 0,
    failed_at bigint,
    detail text,
    primary key (env, entity)
);
create index source_state_by_state on source_state (state, since, kind);
create index source_state_in_hand on source_state (worker) where state = 1;
create index source_state_failed on source_state (env, failed_at, entity) where state = 2;
create index source_state_by_user on source_state (env, user_id);

-- The version applied last, also of what is gone. Without a name, so that it may outlive an erasure.
create table source_version (
    env bigint not null,
    entity bytea not null,
    version bigint not null,
    primary key (env, entity)
);
