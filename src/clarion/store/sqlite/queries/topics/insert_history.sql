insert into topic_history (env, topic, version, parent, kind, default_level, data, at, deleted_at)
select env, topic, version, parent, kind, default_level, data, at, deleted_at
from topic where env = ? and topic = ?
