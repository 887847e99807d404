(component
  (type $types (instance
    (type $decimal (record (field "mantissa" s64) (field "scale" u8)))
    (export "decimal" (type (eq $decimal)))
    (type $error (variant (case "denied" string) (case "no-account")))
    (export "session-error" (type (eq $error)))))
  (import "lombard:platform/types@0.1.0" (instance $imported (type $types)))
  (import "lombard:platform/session@0.1.0" (instance $session
    (export "session" (type (sub resource)))))
  (alias export $session "session" (type $lent))
  (core func $drop (canon resource.drop $lent))
  (core module $module
    (import "session" "drop" (func $drop (param i32)))
    (memory (export "memory") 1)
    (table 2 funcref)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
    (func (export "analyze") (param i32) (result i32)
      (loop $again (br_if $again (i32.const 0)))
      (call $drop (local.get 0))
      i32.const 8))
  (core instance $instance (instantiate $module
    (with "session" (instance (export "drop" (func $drop))))))
  (type $analyze (func (param "session" (borrow $lent)) (result (list string))))
  (func $lifted (type $analyze) (canon lift (core func $instance "analyze")
    (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))))
  (export "analyze" (func $lifted))
  (@custom "lombard:plugin" "name = \22b\22\nversion = \220.1.0\22\nkind = \22expert\22\napi = \220.1.0\22\ngrants = [\22read:bars\22]\n[settings.days]\ntype = \22int\22\ndefault = 5\n"))
