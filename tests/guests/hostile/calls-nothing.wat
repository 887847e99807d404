;; Calls an entry of a table that has nothing in it.
(table 1 funcref)
(func (export "render") (param i32 i32 i32) (result i32)
  (call_indirect (result i32) (i32.const 0)))
