select env, encode(entity, 'hex'), crashes from source_state where state = 0 order by since limit $1
for no key update skip locked
