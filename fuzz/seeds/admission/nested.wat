(component
  (import "wasi:cli/environment@0.2.0" (instance))
  (component $inner
    (import "a" (func $a (param "x" u32)))
    (core module (memory 65536))
    (component (core module (func unreachable)))
    (export "b" (func $a)))
  (import "host" (func $host (param "x" u32)))
  (instance $made (instantiate $inner (with "a" (func $host))))
  (alias export $made "b" (func $b))
  (export "render" (func $b))
  (@custom "producers" "\00")
  (@custom "lombard:plugin" "name = 1"))
