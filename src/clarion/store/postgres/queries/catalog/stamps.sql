select env, stamp from catalog_stamp
