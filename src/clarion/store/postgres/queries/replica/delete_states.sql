delete from source_state as s
using unnest($2::text[]) as j(entity)
where s.env = $1 and s.entity = decode(j.entity, 'hex')
