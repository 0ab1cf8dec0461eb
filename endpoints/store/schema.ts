// Portable SQL only (design.md section 6): text ids, epoch milliseconds as
// integers, composite keys. A published step is never edited; a change is a new step.
export const steps: readonly (readonly string[])[] = [
  [
    `CREATE TABLE booking (
      id TEXT NOT NULL PRIMARY KEY,
      number TEXT NOT NULL UNIQUE,
      resource TEXT NOT NULL,
      lane BIGINT NOT NULL,
      start_ms BIGINT NOT NULL,
      end_ms BIGINT NOT NULL,
      zone TEXT NOT NULL,
      local_start TEXT NOT NULL,
      service TEXT NOT NULL,
      customer_name TEXT NOT NULL,
      customer_phone TEXT,
      call_id TEXT,
      status TEXT NOT NULL,
      created_ms BIGINT NOT NULL
    )`,
    // The last judge of a double booking: one owner for each grain of a lane.
    `CREATE TABLE claim (
      resource TEXT NOT NULL,
      start_ms BIGINT NOT NULL,
      lane BIGINT NOT NULL,
      booking_id TEXT NOT NULL,
      PRIMARY KEY (resource, start_ms, lane)
    )`,
    `CREATE INDEX claim_booking ON claim (booking_id)`,
    // A write runs once per call, tool and key; its answer is given again.
    `CREATE TABLE execution (
      call_id TEXT NOT NULL,
      tool TEXT NOT NULL,
      key_text TEXT NOT NULL,
      arguments TEXT NOT NULL,
      derived BIGINT NOT NULL,
      booking_id TEXT,
      answer TEXT,
      created_ms BIGINT NOT NULL,
      PRIMARY KEY (call_id, tool, key_text)
    )`,
    `CREATE INDEX execution_booking ON execution (booking_id)`,
  ],
  [
    // What the middleware's replay guard and call window have seen.
    `CREATE TABLE replay (
      key_text TEXT NOT NULL PRIMARY KEY,
      value_text TEXT NOT NULL,
      expires_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX replay_expires ON replay (expires_ms)`,
  ],
  [
    // Each index is a page more that a booking writes, so there is none for prune alone.
    // A hold is a claim that ends by itself; a booking's has no end.
    `ALTER TABLE claim RENAME COLUMN booking_id TO owner_id`,
    `ALTER TABLE claim ADD COLUMN expires_ms BIGINT`,
    `DROP INDEX claim_booking`, // a booking knows where its claims are
    // One hold a call.
    `CREATE TABLE hold (
      call_id TEXT NOT NULL PRIMARY KEY,
      owner_id TEXT NOT NULL,
      start_ms BIGINT NOT NULL,
      service TEXT NOT NULL,
      extensions BIGINT NOT NULL,
      expires_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX booking_phone ON booking (customer_phone, end_ms)`,
    // What makes bookings of one phone wait for each other, so that its limit holds.
    `CREATE TABLE phone_turn (
      phone TEXT NOT NULL PRIMARY KEY,
      last_ms BIGINT NOT NULL
    )`,
    // Wrong confirmation numbers or second factors of one call.
    `CREATE TABLE attempt (
      call_id TEXT NOT NULL PRIMARY KEY,
      failures BIGINT NOT NULL,
      last_ms BIGINT NOT NULL
    )`,
    // Who did what to a booking and when; nothing personal.
    `CREATE TABLE audit (
      booking_id TEXT NOT NULL,
      at_ms BIGINT NOT NULL,
      action TEXT NOT NULL,
      call_id TEXT,
      start_ms BIGINT NOT NULL,
      PRIMARY KEY (booking_id, at_ms, action)
    )`,
    // For the relay: what a call's next process has to know, and what happened in it.
    `CREATE TABLE call_state (
      call_id TEXT NOT NULL PRIMARY KEY,
      owner TEXT NOT NULL,
      fence BIGINT NOT NULL,
      state TEXT,
      updated_ms BIGINT NOT NULL
    )`,
    `CREATE INDEX call_state_updated ON call_state (updated_ms)`,
    `CREATE TABLE call_event (
      call_id TEXT NOT NULL,
      position BIGINT NOT NULL,
      at_ms BIGINT NOT NULL,
      event TEXT NOT NULL,
      PRIMARY KEY (call_id, position)
    )`,
  ],
];
