delete from setting as s
using unnest($3::int8[], $4::int8[]) as j(kind, scope)
where s.env = $1 and s."user" = $2 and s.kind = j.kind and s.scope = j.scope
