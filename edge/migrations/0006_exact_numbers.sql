-- Numbers that D1 does not give back as they were written (2^53 and above come
-- back as floats), or that are not what their column holds, made the nearest ones
-- that it does. A file's time is what JavaScript's dates can tell.

UPDATE versions SET modified_at =
  max(-8640000000000000, min(8640000000000000, CAST(modified_at AS INTEGER)))
WHERE typeof(modified_at) <> 'integer'
  OR modified_at NOT BETWEEN -8640000000000000 AND 8640000000000000;

UPDATE conflicts SET modified_at =
  max(-8640000000000000, min(8640000000000000, CAST(modified_at AS INTEGER)))
WHERE typeof(modified_at) <> 'integer'
  OR modified_at NOT BETWEEN -8640000000000000 AND 8640000000000000;

-- The same in the answers that are kept for repeats.
UPDATE operations SET answer = json_set(
  answer, '$.item.file.modified_at_ms',
  max(-8640000000000000, min(8640000000000000,
    CAST(answer ->> '$.item.file.modified_at_ms' AS INTEGER)))
)
WHERE json_valid(answer) AND answer ->> '$.item.file.modified_at_ms' IS NOT NULL
  AND answer ->> '$.item.file.modified_at_ms' NOT BETWEEN -8640000000000000 AND 8640000000000000;

UPDATE operations SET answer = json_set(
  answer, '$.conflict.modified_at_ms',
  max(-8640000000000000, min(8640000000000000,
    CAST(answer ->> '$.conflict.modified_at_ms' AS INTEGER)))
)
WHERE json_valid(answer) AND answer ->> '$.conflict.modified_at_ms' IS NOT NULL
  AND answer ->> '$.conflict.modified_at_ms' NOT BETWEEN -8640000000000000 AND 8640000000000000;

-- A size is what the blocks come to.
UPDATE versions SET size = (
  SELECT coalesce(sum(f.length), 0) FROM file_blocks f
  WHERE f.space = versions.space AND f.item = versions.item
    AND f.since_version <= versions.version
    AND (f.until_version IS NULL OR f.until_version > versions.version)
)
WHERE typeof(size) <> 'integer' OR size NOT BETWEEN 0 AND 9007199254740991;

UPDATE conflicts SET size = (
  SELECT coalesce(sum(c.length), 0) FROM conflict_blocks c
  WHERE c.space = conflicts.space AND c.conflict = conflicts.id
)
WHERE typeof(size) <> 'integer' OR size NOT BETWEEN 0 AND 9007199254740991;

-- A head is the newest version that there is.
UPDATE items SET version = (
  SELECT max(v.version) FROM versions v WHERE v.space = items.space AND v.item = items.id
)
WHERE version IS NOT NULL
  AND (typeof(version) <> 'integer' OR version NOT BETWEEN 1 AND 9007199254740991);

UPDATE items SET place_version = 1
WHERE typeof(place_version) <> 'integer' OR place_version NOT BETWEEN 1 AND 9007199254740991;

-- A quota that was configured larger than can be counted is the largest.
UPDATE spaces SET quota_bytes =
  max(0, min(9007199254740991, CAST(quota_bytes AS INTEGER)))
WHERE typeof(quota_bytes) <> 'integer' OR quota_bytes NOT BETWEEN 0 AND 9007199254740991;

UPDATE spaces SET used_bytes = (
  SELECT coalesce(sum(b.length), 0) FROM blocks b WHERE b.space = spaces.id
)
WHERE typeof(used_bytes) <> 'integer' OR used_bytes NOT BETWEEN 0 AND 9007199254740991;

-- Times of this server's clock.
UPDATE versions SET at = max(0, min(9007199254740991, CAST(at AS INTEGER)))
WHERE typeof(at) <> 'integer' OR at NOT BETWEEN 0 AND 9007199254740991;
UPDATE conflicts SET at = max(0, min(9007199254740991, CAST(at AS INTEGER)))
WHERE typeof(at) <> 'integer' OR at NOT BETWEEN 0 AND 9007199254740991;
UPDATE conflicts SET resolved_at = max(0, min(9007199254740991, CAST(resolved_at AS INTEGER)))
WHERE resolved_at IS NOT NULL
  AND (typeof(resolved_at) <> 'integer' OR resolved_at NOT BETWEEN 0 AND 9007199254740991);
UPDATE items SET created_at = max(0, min(9007199254740991, CAST(created_at AS INTEGER)))
WHERE typeof(created_at) <> 'integer' OR created_at NOT BETWEEN 0 AND 9007199254740991;
UPDATE items SET trashed_at = max(0, min(9007199254740991, CAST(trashed_at AS INTEGER)))
WHERE trashed_at IS NOT NULL
  AND (typeof(trashed_at) <> 'integer' OR trashed_at NOT BETWEEN 0 AND 9007199254740991);
