//! The schema, embedded.
//!
//! Owns: which migrations there are, in which order. An applied one is never
//! edited: its checksum is compared at every start.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Row as _, SqlSafeStr, SqliteConnection};

const SQLITE: &[(i64, &str, &str, &str)] = &[(
    1,
    "initial",
    include_str!("../../../migrations/sqlite/0001_initial.up.sql"),
    include_str!("../../../migrations/sqlite/0001_initial.down.sql"),
)];

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
    match migrator.run(&mut *connection).await {
        // Another process may have migrated the same fresh file meanwhile: the
        // second look finds the schema it left.
        Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) => {
            migrator.run(connection).await
        }
        result => result,
    }
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
