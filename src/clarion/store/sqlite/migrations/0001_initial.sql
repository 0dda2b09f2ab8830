-- Every key starts with the environment's number. Times are microseconds UTC. Numbers inside, names outside.
-- *_history tables are append-only; the table without the suffix holds the current version.

create table environment (
    env integer primary key,
    name text not null unique,
    created_at integer not null
) strict;

create table secret (
    name text primary key,
    value blob not null
) strict, without rowid;

create table api_key (
    key_hash blob primary key,
    env integer not null,
    hint text not null,
    scope text not null,
    created_at integer not null,
    expires_at integer,
    revoked_at integer
) strict, without rowid;

-- Numbers. A number is never given twice, so the last one is kept apart from the names.
create table number_sequence (
    env integer not null,
    kind integer not null,
    last integer not null,
    primary key (env, kind)
) strict, without rowid;

create table name (
    env integer not null,
    kind integer not null,
    name text not null,
    number integer not null,
    primary key (env, kind, name)
) strict, without rowid;
create unique index name_by_number on name (env, kind, number, name);

-- People.
create table user (
    env integer not null,
    user integer not null,
    version integer not null,
    source_version integer,
    settings_version integer not null default 0,
    at integer not null,
    locale text,
    zone text,
    email text,
    phone text,
    name text,
    roles text not null default '[]',
    data text not null default '{}',
    erased_at integer,
    primary key (env, user)
) strict, without rowid;

create table user_history (
    env integer not null,
    user integer not null,
    version integer not null,
    at integer not null,
    locale text,
    zone text,
    email text,
    phone text,
    name text,
    roles text not null,
    data text not null,
    erased_at integer,
    primary key (env, user, version)
) strict, without rowid;

create table tenant_member (
    env integer not null,
    tenant integer not null,
    user integer not null,
    since integer not null,
    until integer,
    primary key (env, tenant, user, since)
) strict, without rowid;
create index tenant_member_by_user on tenant_member (env, user, until);

create table tenant (
    env integer not null,
    tenant integer not null,
    zone text,
    locale text,
    primary key (env, tenant)
) strict, without rowid;

create table destination (
    env integer not null,
    destination integer not null,
    user integer not null,
    channel integer not null,
    platform text not null default '',
    app text not null default '',
    address text not null,
    address_hash blob not null,
    keys text not null default '{}',
    confirmed_at integer not null,
    disabled_at integer,
    disabled_reason text,
    primary key (env, destination)
) strict, without rowid;
create unique index destination_by_address
    on destination (env, channel, platform, address_hash, user);
create index destination_by_user on destination (env, user, channel, disabled_at, platform);

create table topic (
    env integer not null,
    topic integer not null,
    version integer not null,
    parent integer not null default 0,
    kind text not null default 'topic',
    default_level text,
    data text not null default '{}',
    at integer not null,
    deleted_at integer,
    primary key (env, topic)
) strict, without rowid;
create index topic_by_parent on topic (env, parent) where parent > 0;

create table topic_history (
    env integer not null,
    topic integer not null,
    version integer not null,
    parent integer not null,
    kind text not null,
    default_level text,
    data text not null,
    at integer not null,
    deleted_at integer,
    primary key (env, topic, version)
) strict, without rowid;

create table subscription (
    env integer not null,
    topic integer not null,
    user integer not null,
    since integer not null,
    until integer,
    primary key (env, topic, user, since)
) strict, without rowid;
create index subscription_by_user on subscription (env, user, topic);

-- Settings: rows of user 0 belong to a tenant or to the environment and share one version. A cleared scope is
-- a history row with an empty body.
create table defaults (
    env integer primary key,
    version integer not null
) strict;

create table setting (
    env integer not null,
    user integer not null,
    kind integer not null,
    scope integer not null,
    version integer not null,
    body text not null,
    primary key (env, user, kind, scope)
) strict, without rowid;

create table setting_history (
    env integer not null,
    user integer not null,
    version integer not null,
    kind integer not null,
    scope integer not null,
    at integer not null,
    body text not null,
    primary key (env, user, kind, scope, version)
) strict, without rowid;

-- Catalogue.
create table workflow (
    env integer not null,
    workflow integer not null,
    version integer not null,
    on_type text not null,
    paused_at integer,
    deleted_at integer,
    primary key (env, workflow)
) strict, without rowid;

create table workflow_history (
    env integer not null,
    workflow integer not null,
    version integer not null,
    category integer not null,
    category_version integer not null,
    at integer not null,
    body text not null,
    primary key (env, workflow, version)
) strict, without rowid;

create table category (
    env integer not null,
    category integer not null,
    version integer not null,
    deleted_at integer,
    primary key (env, category)
) strict, without rowid;

create table category_history (
    env integer not null,
    category integer not null,
    version integer not null,
    at integer not null,
    body text not null,
    primary key (env, category, version)
) strict, without rowid;

create table template (
    env integer not null,
    name text not null,
    version integer not null,
    body text not null,
    at integer not null,
    deleted_at integer,
    primary key (env, name)
) strict, without rowid;

create table template_history (
    env integer not null,
    name text not null,
    version integer not null,
    at integer not null,
    body text not null,
    deleted_at integer,
    primary key (env, name, version)
) strict, without rowid;

-- Accept.
create table event_key (
    env integer not null,
    key text not null,
    event blob not null,
    fingerprint blob not null,
    primary key (env, key)
) strict, without rowid;

create table event (
    env integer not null,
    event blob not null,
    type text not null,
    tenant integer not null,
    actor integer not null,
    about integer not null,
    silent integer not null,
    accepted_at integer not null,
    expires_at integer,
    correlation text,
    cancellation text,
    ordering_key text,
    ordering_no integer,
    cancelled_at integer,
    expanding integer not null,
    mentions text not null default '[]',
    audience text not null default '[]',
    lanes text not null default '[]',
    primary key (env, event)
) strict, without rowid;
create index event_by_correlation on event (env, correlation, event) where correlation is not null;
create index event_by_cancellation on event (env, cancellation, event) where cancellation is not null;

create table event_payload (
    env integer not null,
    event blob not null,
    data text not null,
    primary key (env, event)
) strict, without rowid;

create table event_tag (
    env integer not null,
    key text not null,
    value text not null,
    event blob not null,
    primary key (env, key, value, event)
) strict, without rowid;
create index event_tag_by_event on event_tag (env, event);
create index event_tag_by_value on event_tag (env, value, event);

create table event_workflow (
    env integer not null,
    event blob not null,
    workflow integer not null,
    version integer not null,
    category integer not null,
    category_version integer not null,
    lane integer not null,
    primary key (env, event, workflow)
) strict, without rowid;

create table event_recipient (
    env integer not null,
    event blob not null,
    user integer not null,
    primary key (env, event, user)
) strict, without rowid;

-- Counts of an event are deltas, summed on read and folded by a keeper. kind 0 counts notifications, another
-- kind the deliveries of the channel with that number.
create table event_count (
    env integer not null,
    event blob not null,
    kind integer not null,
    open integer not null,
    held integer not null,
    sent integer not null,
    dead integer not null,
    skipped integer not null,
    primary key (env, event, kind)
) strict, without rowid;

create table event_delta (
    id integer primary key,
    env integer not null,
    event blob not null,
    kind integer not null,
    open integer not null,
    held integer not null,
    sent integer not null,
    dead integer not null,
    skipped integer not null
) strict;
create index event_delta_by_event on event_delta (env, event);

create table task (
    task integer primary key,
    env integer not null,
    event blob not null,
    workflow integer not null,
    lane integer not null,
    tenant integer not null,
    source text not null,
    scope integer not null,
    lo integer not null,
    hi integer not null,
    cursor integer not null,
    excepted text not null default '[]',
    due integer not null,
    state integer not null default 0,
    worker integer not null default 0,
    fence integer not null default 0,
    crashes integer not null default 0
) strict;
create index task_by_lane on task (lane, state, due);
create index task_by_event on task (env, event);

-- Decide.
create table notification (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    tenant integer not null,
    bucket integer not null,
    open integer not null,
    waiting integer not null,
    sent integer not null,
    dead integer not null,
    decided text not null,
    primary key (env, event, workflow, user)
) strict, without rowid;
create index notification_by_user on notification (env, user, event);

create table decision (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    n integer not null,
    at integer not null,
    decided text not null,
    primary key (env, event, workflow, user, step, n)
) strict, without rowid;

create table dedupe (
    env integer not null,
    workflow integer not null,
    user integer not null,
    key text not null,
    event blob not null,
    until integer not null,
    primary key (env, workflow, user, key)
) strict, without rowid;
create index dedupe_by_until on dedupe (until);

-- Deliver and settle. `last_*` hold the last attempt; earlier ones are rows of attempt.
create table delivery (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    channel integer not null,
    destination integer not null,
    status integer not null,
    account text not null,
    lane integer not null,
    attempts integer not null default 0,
    created_at integer not null,
    updated_at integer not null,
    expires_at integer,
    ordering_key text,
    provider_id text,
    last_outcome text,
    last_code text,
    last_detail text,
    last_ms integer,
    primary key (env, event, workflow, user, step, channel, destination)
) strict, without rowid;
create index delivery_by_provider on delivery (env, provider_id) where provider_id is not null;

create table attempt (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    channel integer not null,
    destination integer not null,
    n integer not null,
    account text not null,
    at integer not null,
    ms integer not null,
    outcome text not null,
    code text not null,
    detail text not null,
    primary key (env, event, workflow, user, step, channel, destination, n)
) strict, without rowid;

create table ready (
    seq integer primary key,
    lane integer not null,
    account text not null,
    tenant integer not null,
    due integer not null,
    state integer not null default 0,
    worker integer not null default 0,
    fence integer not null default 0,
    crashes integer not null default 0,
    attempts integer not null default 0,
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    channel integer not null,
    destination integer not null,
    ordering_key text
) strict;
create index ready_by_account on ready (lane, account, state, due);
create unique index ready_by_delivery on ready (env, event, workflow, user, step, channel, destination);

create table dead_letter (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    channel integer not null,
    destination integer not null,
    cause text not null,
    account text not null,
    at integer not null,
    redriven_at integer,
    primary key (env, event, workflow, user, step, channel, destination)
) strict, without rowid;
create index dead_letter_by_cause on dead_letter (env, cause, at);

create table worker (
    worker integer primary key,
    started_at integer not null,
    beat_at integer not null,
    stopped_at integer,
    lanes text not null
) strict;

-- Content: user 0 is shared by all recipients of the locale.
create table content (
    env integer not null,
    event blob not null,
    workflow integer not null,
    step integer not null,
    locale text not null,
    user integer not null,
    body text not null,
    primary key (env, event, workflow, user, step, locale)
) strict, without rowid;

create table capture (
    id integer primary key,
    env integer not null,
    at integer not null,
    account text not null,
    channel integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    destination integer not null,
    body text not null
) strict;
create index capture_by_env on capture (env, id);
create index capture_by_user on capture (env, user, id);

-- Read. `counted` is 1 until the item's expiry was taken out of the counters.
create table item (
    env integer not null,
    user integer not null,
    tenant integer not null,
    seq integer not null,
    event blob not null,
    workflow integer not null,
    step integer not null,
    locale text not null,
    personal integer not null,
    alert integer not null,
    created_at integer not null,
    expires_at integer,
    seen_at integer,
    read_at integer,
    archived_at integer,
    version integer not null default 1,
    counted integer not null default 1,
    primary key (env, user, tenant, seq)
) strict, without rowid;
create unique index item_by_notification on item (env, event, workflow, user, step);
create index item_by_expiry on item (expires_at) where counted = 1 and expires_at is not null;

create table inbox_counter (
    env integer not null,
    user integer not null,
    tenant integer not null,
    seq integer not null,
    total integer not null,
    unread integer not null,
    unseen integer not null,
    primary key (env, user, tenant)
) strict, without rowid;
