//! The schema, embedded.
//!
//! Owns: which migrations there are, in which order. An applied one is never
//! edited: its checksum is compared at every start.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Row as _, SqlSafeStr, SqliteConnection};

const SQLITE: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "initial",
        include_str!("../../../migrations/sqlite/0001_initial.up.sql"),
        include_str!("../../../migrations/sqlite/0001_initial.down.sql"),
    ),
    (
        2,
        "data version",
        include_str!("../../../migrations/sqlite/0002_data_version.up.sql"),
        include_str!("../../../migrations/sqlite/0002_data_version.down.sql"),
    ),
    (
        3,
        "call costs",
        include_str!("../../../migrations/sqlite/0003_call_costs.up.sql"),
        include_str!("../../../migrations/sqlite/0003_call_costs.down.sql"),
    ),
    (
        4,
        "job runs",
        include_str!("../../../migrations/sqlite/0004_job_runs.up.sql"),
        include_str!("../../../migrations/sqlite/0004_job_runs.down.sql"),
    ),
    (
        5,
        "access tokens",
        include_str!("../../../migrations/sqlite/0005_access_tokens.up.sql"),
        include_str!("../../../migrations/sqlite/0005_access_tokens.down.sql"),
    ),
    (
        6,
        "account scopes",
        include_str!("../../../migrations/sqlite/0006_account_scopes.up.sql"),
        include_str!("../../../migrations/sqlite/0006_account_scopes.down.sql"),
    ),
    (
        7,
        "allowances",
        include_str!("../../../migrations/sqlite/0007_allowances.up.sql"),
        include_str!("../../../migrations/sqlite/0007_allowances.down.sql"),
    ),
    (
        8,
        "earlier plugins",
        include_str!("../../../migrations/sqlite/0008_earlier_plugins.up.sql"),
        include_str!("../../../migrations/sqlite/0008_earlier_plugins.down.sql"),
    ),
    (
        9,
        "expert pins",
        include_str!("../../../migrations/sqlite/0009_expert_pins.up.sql"),
        include_str!("../../../migrations/sqlite/0009_expert_pins.down.sql"),
    ),
];

/// Whether the file is another program's: it has tables, and none of them
/// keeps our migrations.
pub(crate) async fn is_foreign(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT count(*), sum(name = '_sqlx_migrations') FROM sqlite_schema \
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let (tables, ours): (i64, Option<i64>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(tables > 0 && ours.unwrap_or(0) == 0)
}

/// Brings the schema up to date, or finds that it is.
pub(crate) async fn run(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    let migrator = migrator();
    // Another process may be migrating the same fresh file: the next look finds
    // what it left. Each look that fails for that is one migration further.
    for _ in SQLITE {
        match migrator.run(&mut *connection).await {
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) => {}
            result => return result,
        }
    }
    migrator.run(connection).await
}

fn migrator() -> Migrator {
    let migrations = SQLITE.iter().flat_map(|(version, description, up, down)| {
        let one = |kind, sql: &'static str| {
            let description = Cow::Borrowed(*description);
            Migration::new(*version, description, kind, sql.into_sql_str(), false)
        };
        [
            one(MigrationType::ReversibleUp, up),
            one(MigrationType::ReversibleDown, down),
        ]
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn every_change_of_every_table_counts_in_the_version() {
        #[expect(clippy::disallowed_methods, reason = "a database of the test's own")]
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        run(&mut connection).await.unwrap();
        let sql = "SELECT name, (SELECT group_concat(sql) FROM sqlite_schema AS t \
             WHERE t.type = 'trigger' AND t.tbl_name = s.name) \
             FROM sqlite_schema AS s WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        let tables = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        assert!(tables.len() > 10);
        for table in tables {
            let name: String = table.get(0);
            let triggers: String = table.get::<Option<_>, _>(1).unwrap_or_default();
            let counted = ["INSERT", "UPDATE", "DELETE"].map(|event| {
                triggers.contains(&format!(
                    "AFTER {event} ON {name} BEGIN \
                     UPDATE data_version SET version = version + 1; END"
                ))
            });
            // What is about calls and runs is no data of the book.
            let apart = [
                "call_costs",
                "data_version",
                "job_runs",
                "job_schedules",
                "_sqlx_migrations",
            ];
            let expected = !apart.contains(&&*name);
            assert_eq!(counted, [expected; 3], "{name}");
        }
    }

    #[tokio::test]
    async fn every_migration_can_be_undone() {
        #[expect(clippy::disallowed_methods, reason = "a database of the test's own")]
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        run(&mut connection).await.unwrap();
        migrator().undo(&mut connection, 0).await.unwrap();
        let sql = "SELECT count(*) FROM sqlite_schema \
             WHERE name NOT LIKE 'sqlite%' AND tbl_name <> '_sqlx_migrations'";
        let left: i64 = sqlx::query(sql)
            .fetch_one(&mut connection)
            .await
            .unwrap()
            .get(0);
        assert_eq!(left, 0);
    }
}
