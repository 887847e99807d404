;; Asks a session that it was not lent.
(import "lombard:platform/session@0.1.0" "[method]session.as-of"
  (func $as_of (param i32) (result i64)))
(func (export "render") (param i32 i32 i32) (result i32)
  (drop (call $as_of (i32.add (local.get 0) (i32.const 1))))
  (call $give_back (local.get 0))
  i32.const 64)
