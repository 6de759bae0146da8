import { Look, type Detector } from "../detector.ts";

export const income: Detector = {
  entity: "income",
  says: "what a person earns, owes or is worth",
  isDirect: false,
  kinds: ["number", "text"],
  names: `salary, salary amount, base salary, annual salary, monthly salary, gross salary, net salary, wage, wages, hourly wage, income, annual income, monthly income, household income, net income personal, gross pay, net pay, take home pay, net worth, networth, credit score, fico, fico score, credit rating personal, bonus amount, compensation, payroll amount, salaire, salaire brut, salaire net, revenu, revenus, revenu annuel, gehalt, bruttogehalt, nettogehalt, lohn, einkommen, jahreseinkommen, salario, sueldo, ingresos, nomina, stipendio, reddito, retribuzione, renda, renda mensal, salaris, inkomen, wynagrodzenie, pensja, dochod, зарплата, доход, 年収, 工资`,
  weakNames: "pay rate, hourly rate, pension, debt, bonus",
  value: {
    look: ({ text }) =>
      /^[^\d]{0,4}\d[\d.,' ]*[^\d]{0,5}$/.test(text) || /\d/.test(text) ? Look.Shape : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
