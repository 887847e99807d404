;; A row whose id is neither there nor absent.
(data (i32.const 76) "\00\01\00\00\01\00\00\00")
(data (i32.const 256) "\01")
(data (i32.const 272) "\00\02\00\00\01\00\00\00")
(data (i32.const 512) "\02")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
