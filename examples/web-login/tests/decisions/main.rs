//! What the application decides, without a browser and without a socket of its own. The cookies are those of the internet.

mod ends;
mod guards;
mod logins;
mod other_hosts;
mod site;
