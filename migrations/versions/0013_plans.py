"""Plans by fiscal year: money of each year, what lines said before, and plans that everybody may read"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ACTION = sa.table(
    "improvement_action",
    sa.column("id", sa.Integer),
    sa.column("budget", sa.Double),
    sa.column("fiscal_year", sa.SmallInteger),
    sa.column("budgets", sa.Text),
)


def upgrade() -> None:
    with op.batch_alter_table("improvement_action") as table:
        table.add_column(sa.Column("budgets", sa.Text(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("programme", sa.String(length=200), nullable=False, server_default=""))
    _move_money()
    with op.batch_alter_table("improvement_action") as table:
        table.drop_column("budget")
    _create_tables()


def _move_money() -> None:
    """The one sum of a line becomes that of its year, and of no year where none is said."""
    connection = op.get_bind()
    held = connection.execute(sa.select(ACTION.c.id, ACTION.c.budget, ACTION.c.fiscal_year)).all()
    for number, baht, year in held:
        if baht is not None:
            said = json.dumps({str(year or 0): baht})
            connection.execute(sa.update(ACTION).where(ACTION.c.id == number).values(budgets=said))


def _create_tables() -> None:
    op.create_table(
        "action_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_action_revision_account_id")),
        sa.ForeignKeyConstraint(["action_id"], ["improvement_action.id"], name=op.f("fk_action_revision_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_revision")),
        sa.UniqueConstraint("action_id", "revision", name=op.f("uq_action_revision_action_id_revision")),
    )
    op.create_table(
        "plan_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_plan_opening_account_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_plan_opening_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_opening")),
    )
    op.create_index(op.f("ix_plan_opening_place_id"), "plan_opening", ["place_id"], unique=False)


def downgrade() -> None:
    """Money of several years becomes one sum again; which year had how much is lost."""
    op.drop_table("plan_opening")
    op.drop_table("action_revision")
    with op.batch_alter_table("improvement_action") as table:
        table.add_column(sa.Column("budget", sa.Double(), nullable=True))
    connection = op.get_bind()
    for number, said in connection.execute(sa.select(ACTION.c.id, ACTION.c.budgets)).all():
        sums = json.loads(said)
        if sums:
            total = sum(sums.values())
            connection.execute(sa.update(ACTION).where(ACTION.c.id == number).values(budget=total))
    with op.batch_alter_table("improvement_action") as table:
        table.drop_column("programme")
        table.drop_column("budgets")
