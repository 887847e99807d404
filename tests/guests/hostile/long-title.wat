;; A title of 4 GiB, of which it has 256 KiB.
(data (i32.const 72) "\ff\ff\ff\ff")
(func (export "render") (param i32 i32 i32) (result i32)
  (call $give_back (local.get 0))
  i32.const 64)
