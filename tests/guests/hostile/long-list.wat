;; A list of two thousand million blocks at 0.
(data (i32.const 80) "\ff\ff\ff\7f")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
