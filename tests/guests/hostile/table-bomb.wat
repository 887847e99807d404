;; Takes entries of a table until it gets none.
(table $table 1 funcref)
(func (export "render") (param i32 i32 i32) (result i32)
  (loop $again
    (br_if $again
      (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))))
  unreachable)
