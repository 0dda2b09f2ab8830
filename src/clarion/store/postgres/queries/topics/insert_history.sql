insert into topic_history (env, topic, version, parent, kind, default_level, data, at, deleted_at)
select env, topic, version, parent, kind, default_level, data, at, deleted_at
from topic where env = $1 and topic = $2
